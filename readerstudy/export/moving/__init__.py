"""A study is copied within a server, and moved to another one as one file."""
