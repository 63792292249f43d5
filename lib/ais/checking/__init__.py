"""What `bin/ais check` and the status page find."""
