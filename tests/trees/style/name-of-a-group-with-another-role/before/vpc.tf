module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.19.0"

  name            = "bond-vpc"
  cidr            = "10.40.0.0/16"
  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.40.0.0/20", "10.40.16.0/20"]
}

resource "aws_security_group" "db" {
  name   = "bond_db"
  vpc_id = module.vpc.vpc_id

  tags = {
    Name = "bond_db"
  }
}
