from shared.contracts.catalogue import CATALOGUE
EXAMPLES = {name: {} for name in CATALOGUE}
