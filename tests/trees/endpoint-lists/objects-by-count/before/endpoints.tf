module "endpoints" {
  source = "./endpoints"
  region = "us-west-2"
  vpc_id = module.net.vpc_id

  interface = [
    {
      service_name       = "sts"
      subnet_ids         = module.net.subnets
      security_group_ids = [aws_security_group.endpoints.id]
    },
    {
      service_name       = "logs"
      subnet_ids         = module.net.subnets
      security_group_ids = [aws_security_group.endpoints.id]
    },
  ]
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = module.net.vpc_id

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.40.0.0/16"]
  }
}
