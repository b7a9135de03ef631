include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "../../../modules//vpc"
}

inputs = {
  name = "bond"
  cidr = "10.40.0.0/16"
}
