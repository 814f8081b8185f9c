mine = "a namespace package loses to the library's package"
