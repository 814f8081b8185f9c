print(help, copyright, credits, license)
help(print)
