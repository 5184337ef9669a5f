"""Public keys for zones; nobody has the private ones."""

from __future__ import annotations

from typing import Final

RSA_512: Final = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAM1lSLkn5sXVMktykvpJdAtwxf0aHnppe11RY+GDz08rTt7gD/lOqUJD73zijV4J8Xr3KW87f9I05yQUfG6m"
    "2esCAwEAAQ=="
)
RSA_1024: Final = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCe7sruDlWTQH1oTZqZwjlJqZ+PKrcQAgMuccikpLE4tnAKk3oG2WtWbYK7iAtTzF+CqmMwMRkenHgD"
    "c6JoWISu4sSo2yMh9ARYwv5AXSDim9diMTMZ+UNMZu2YsVv9m0VNb8tbzWdtHVwlq/Ck6xRSW/SUpYhyTmwDqjkPrZwrcQIDAQAB"
)
RSA_1024_OTHER: Final = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC/04lYcw0HdpjYagrZ7wCoQ7FVs62qOgzdt3bdHIU6hQafoyTMMiM9pPCjj3U/XVLOwiigG0Y0xZ0w"
    "1w+GLYWAutqz1/ZcnAZ4xCBwm/R2rLngHyOqM5Yp6f/6tde/2E2A/5CqWwtotqfbJORc45QiKt9SY1SvsPC/LALLjwDccwIDAQAB"
)
RSA_2048: Final = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAvFcRa6Fl2qWnnZdEee2vq6P1s33UYrfFdggJxfnbqYYXKs2XyriJIHYiKb1TwDaANyZnpG1H"
    "1UMeC/LOfToD27CVksV9Zsp+BZ85nQ/KsKZaYfPDkiXsqSfeeO22dmm+iMcej24EtwKMfyrgUKXYtqX6GVKd8wEuBezXhPch9gOlYSD6DW2QRu+ccVbD"
    "SZyn36X0o+/cwfuycE9Wj5VUD0dY61mfXC3xbJdCrdNt/Uf8iq/t7WostpjaEtOpjZZytZVPoFMknEvB0MnY/IKGTjQH3DITrIURalLNbjOPbX/kTfYh"
    "1TfnTBUdZVytFjEJ3kQESh0LGc9+nAS8lr+yJQIDAQAB"
)
ED25519: Final = "MCowBQYDK2VwAyEAvFQU7RqXP/ZfiKgfw6FRNI4iy7ko7Di709IjIIVAS70="
