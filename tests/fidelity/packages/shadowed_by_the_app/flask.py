VALUE = "of the app"
