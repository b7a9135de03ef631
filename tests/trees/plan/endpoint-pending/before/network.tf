resource "aws_vpc" "main" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_vpc_endpoint" "objects" {
  for_each = var.endpoints

  vpc_id       = aws_vpc.main.id
  service_name = each.value
}

variable "endpoints" {
  type = map(string)
}
