"""Roles on a server: who may do what there, which sites a login sees, and the glass to break."""
