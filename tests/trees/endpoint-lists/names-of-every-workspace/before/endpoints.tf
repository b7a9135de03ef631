variable "region" {
  default = "us-west-2"
}

variable "services" {
  type = list(string)
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(var.services)

  vpc_id              = module.net.vpc_id
  service_name        = "com.amazonaws.${var.region}.${each.value}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = module.net.subnets
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true

  tags = {
    Name = "bond-${each.value}"
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
