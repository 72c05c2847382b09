"""Seconds. Whatever is waited for is waited for no longer than this."""

BUILD = 1800  # sigcurl, or a server that comes as source
INSTALL = 600  # packages
START = 60  # a server
CALL = 30  # one request
STOP = 5  # a server that was told to
