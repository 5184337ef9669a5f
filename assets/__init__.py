"""What is no code: the style sheet, help pages, the JSON Schema, a sample answers file and pictures."""
