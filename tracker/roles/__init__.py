"""Roles on a server: who may do what there, and which sites a login sees."""
