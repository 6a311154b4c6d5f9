"""What a procedure says in other languages, while it is being written."""
