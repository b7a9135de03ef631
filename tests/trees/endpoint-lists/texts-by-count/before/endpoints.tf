variable "services" {
  default = ["logs", "ssm"]
}

resource "aws_vpc_endpoint" "interface" {
  count = length(var.services)

  vpc_id              = module.net.vpc_id
  service_name        = "com.amazonaws.us-west-2.${element(var.services, count.index)}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = module.net.subnets
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true

  tags = {
    Name = "bond-${element(var.services, count.index)}"
  }
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
