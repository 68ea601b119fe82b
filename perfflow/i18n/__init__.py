"""Languages: message catalogues, formatting of numbers, money and dates; a message is worded here."""
