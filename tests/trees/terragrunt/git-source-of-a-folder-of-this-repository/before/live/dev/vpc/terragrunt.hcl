include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "git::ssh://git@github.com/example/platform.git//modules/vpc?ref=v1"
}

inputs = {
  name = "bond"
  cidr = "10.40.0.0/16"
}
