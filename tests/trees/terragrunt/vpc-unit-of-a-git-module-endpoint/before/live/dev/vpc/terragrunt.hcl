include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "git::https://git.example.com/platform/terraform-modules.git//network/vpc?ref=v1.4.0"
}

inputs = {
  name               = "bond"
  cidr               = "10.40.0.0/16"
  enable_nat_gateway = false
  s3_endpoint        = false
}
