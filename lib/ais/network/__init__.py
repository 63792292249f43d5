"""Everything that speaks to another computer or starts a program, within the deadline of the request."""
