module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.19.0"

  name            = "bond-ai-dev"
  cidr            = "10.40.0.0/16"
  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.40.11.0/24", "10.40.12.0/24"]
}

resource "aws_security_group" "batch" {
  name   = "bond-batch"
  vpc_id = module.vpc.vpc_id
}

module "endpoints" {
  source  = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version = "5.19.0"

  vpc_id = module.vpc.vpc_id

  create_security_group = true
  security_group_name   = "bond-ai-endpoints"
  security_group_rules = {
    "ingress_batch" = { source_security_group_id = aws_security_group.batch.id }
  }

  endpoints = {
    "secretsmanager" = { service = "secretsmanager", private_dns_enabled = true, subnet_ids = module.vpc.private_subnets }
  }
}
