variable "name" {
  type = string
}

data "aws_subnet" "this" {
  tags = {
    Name = var.name
  }
}

output "id" {
  value = data.aws_subnet.this.id
}
