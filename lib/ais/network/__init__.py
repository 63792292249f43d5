"""All code that speaks to another computer or starts a program. It keeps the deadline of the request."""
