mine = "my colorsys"
