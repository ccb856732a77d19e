"""Write data/mary-john.csv: sentences on indirect-object identification with the names Mary and John.

Every template of train.py, both orders of the names, ten places with one object each; the two names take turns as the
subject. Usage, in this folder: python3 make_data.py
"""
import csv

PLACES = "store park office school garden station market library museum harbour".split()
OBJECTS = "drink book letter ticket basket key ring map coat lamp".split()
# name of the template, text before the subject, text after the subject
TEMPLATES = [
    ("went", "When {A} and {B} went to the {P},", "gave a {O} to"),
    ("met", "After {A} and {B} met at the {P},", "handed a {O} to"),
    ("working", "While {A} and {B} were working at the {P},", "passed a {O} to"),
    ("argument", "Then, {A} and {B} had a long argument at the {P}, and", "sold a {O} to"),
    ("found", "Friends {A} and {B} found a {O} at the {P}, so", "offered it to"),
]

rows = []
for kind, opening, ending in TEMPLATES:
    for order, (first, second) in enumerate([("Mary", "John"), ("John", "Mary")]):
        for number, (place, thing) in enumerate(zip(PLACES, OBJECTS)):
            subject, recipient = (first, second) if (number + order) % 2 == 0 else (second, first)
            words = {"A": first, "B": second, "P": place, "O": thing}
            rows.append([kind, first, opening.format(**words), subject, ending.format(**words), recipient])

with open("data/mary-john.csv", "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["template", "first", "opening", "subject", "ending", "recipient"])
    writer.writerows(rows)
