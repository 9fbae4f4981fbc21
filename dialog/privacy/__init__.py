"""Personal data in what is said: found, hidden, and known again within one contact."""
