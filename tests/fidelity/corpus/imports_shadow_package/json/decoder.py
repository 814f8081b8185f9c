mine = "my decoder"
