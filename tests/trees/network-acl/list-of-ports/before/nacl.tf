variable "open_ports" {
  default = [80, 8080]
}

resource "aws_network_acl" "private" {
  vpc_id = "vpc-1"

  dynamic "ingress" {
    for_each = [for i, port in var.open_ports : { no = 200 + i * 10, port = port }]

    content {
      rule_no    = ingress.value.no
      action     = "allow"
      protocol   = "tcp"
      cidr_block = "10.40.0.0/16"
      from_port  = ingress.value.port
      to_port    = ingress.value.port
    }
  }

  tags = { Name = "bond-private" }
}
