mine = "my calendar"
