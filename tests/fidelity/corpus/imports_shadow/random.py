mine = "my random"
