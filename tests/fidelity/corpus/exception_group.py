#: exit 1
#: stderr TypeError: from a group
#: 3.11 stderr     +------------------------------------
def fail(n):
    raise ValueError(n)


errors = []
for n in range(20):
    try:
        fail(n)
    except ValueError as error:
        errors.append(error)
try:
    raise ExceptionGroup("many", [*errors[:3], ExceptionGroup("inner", errors[3:])])
except* ValueError as group:
    print(len(group.exceptions))
    raise TypeError("from a group") from group
