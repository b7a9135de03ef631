locals {
  interface = tomap({
    ("ssm") = true
    "kms" : true, "sts" : false
  })
}

resource "aws_security_group" "endpoints" {
  name   = "bond-endpoints"
  vpc_id = "vpc-1"

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = { for k, v in local.interface : k => k if v }

  vpc_id              = "vpc-1"
  service_name        = "com.amazonaws.us-west-2.${each.key}"
  vpc_endpoint_type   = "Interface"
  subnet_ids          = ["subnet-a", "subnet-b"]
  security_group_ids  = [aws_security_group.endpoints.id]
  private_dns_enabled = true
}
