from json import not_in_json
