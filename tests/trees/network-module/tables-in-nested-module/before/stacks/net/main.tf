variable "name" {
  type = string
}

resource "aws_vpc" "this" {
  cidr_block = "10.40.0.0/16"

  tags = {
    Name = var.name
  }
}

module "subnets" {
  source = "../subnets"
  vpc_id = aws_vpc.this.id
  name   = var.name
}

output "vpc" {
  value = aws_vpc.this.id
}

output "subnets" {
  value = module.subnets.ids
}
