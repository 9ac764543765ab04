"""What are the invented people of the demo district called? The same names in the same order in every installation."""

from collections.abc import Iterator

from service.demo.chance import dice

_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_FIRST = "建文志明晓海国立永春玉秀淑桂红丽雪雅思子宇泽一欣佳俊振宏德兴庆传继守景世光新学家正广福长连维少启承"
_SECOND = (
    "华强军平杰涛伟峰磊斌波辉鹏飞龙宁敏静霞娟燕芳萍玲婷颖慧琳莉晨阳轩然琪瑶彤妍悦洋航凯博超林生东山河泉忠义信礼智仁"
)


def invented() -> Iterator[str]:
    """Names of people who do not exist, each once, without end in practice (some 250,000)."""
    random, given = dice("people"), set()
    while True:
        name = random.choice(_SURNAMES) + random.choice(_FIRST)
        if random.random() < 0.85:
            name += random.choice(_SECOND)
        if name not in given and len(set(name)) == len(name):
            given.add(name)
            yield name
