print("math is found before any path is searched")
