mine = "my token"
