include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "../../modules//vpc"
}

inputs = {
  name       = values.name
  enable_nat = values.enable_nat
  cidr       = "10.40.0.0/16"
}
