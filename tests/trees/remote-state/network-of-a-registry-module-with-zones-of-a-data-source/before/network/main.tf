data "aws_availability_zones" "available" {}

locals {
  azs = slice(data.aws_availability_zones.available.names, 0, 2)

  tags = {
    Team = "bond"
  }
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.8.1"

  name = "bond-dev"
  cidr = "10.40.0.0/16"

  azs             = local.azs
  private_subnets = [for number, zone in local.azs : cidrsubnet("10.40.0.0/16", 4, number)]
  public_subnets  = ["10.40.96.0/24"]

  tags = local.tags
}
