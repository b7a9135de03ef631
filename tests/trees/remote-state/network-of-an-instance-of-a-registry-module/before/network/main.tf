locals {
  networks = {
    dev  = "10.40.0.0/16"
    prod = "10.44.0.0/16"
  }
}

module "vpc" {
  for_each = local.networks

  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"

  name = "bond-${each.key}"
  cidr = each.value

  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = [cidrsubnet(each.value, 4, 0), cidrsubnet(each.value, 4, 1)]
  public_subnets  = [cidrsubnet(each.value, 8, 96)]
}
