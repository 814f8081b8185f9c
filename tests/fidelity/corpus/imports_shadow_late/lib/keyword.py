mine = "my keyword"
