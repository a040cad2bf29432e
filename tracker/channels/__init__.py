"""The ways out for messages, a module each, and the site's configuration of who is told what."""
