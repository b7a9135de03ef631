terraform {
  source = "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git?ref=v4.0.2"
}

include "root" {
  path = find_in_parent_folders("root.hcl")
}

inputs = {
  name = "bond-dev"
  cidr = "10.40.0.0/16"

  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.40.0.0/20", "10.40.16.0/20", "10.40.32.0/20"]
  public_subnets  = ["10.40.96.0/24"]

  enable_nat_gateway = false

  tags = {
    environment = "dev"
  }
}
