module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 5.0"

  name            = "bond"
  cidr            = var.vpc_cidr
  azs             = ["us-west-2a", "us-west-2b"]
  private_subnets = ["10.40.0.0/20", "10.40.16.0/20"]
  public_subnets  = ["10.40.96.0/24"]

  enable_dns_hostnames = true
}

resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = module.vpc.vpc_id
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = module.vpc.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = [var.vpc_cidr]
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(["logs"])

  vpc_id              = module.vpc.vpc_id
  service_name        = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = module.vpc.private_subnets
  security_group_ids  = [aws_security_group.endpoints.id]
}
