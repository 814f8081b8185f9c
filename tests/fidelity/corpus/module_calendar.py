#: run ["python", "-m", "calendar", "2024", "2"]
