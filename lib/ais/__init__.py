"""Application Integration Server for MailStore."""

__version__ = "0.1.0"
